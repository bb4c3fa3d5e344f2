"""How fast: photos shown to contenders in turns, on one core, on all, and to processes that just started."""
