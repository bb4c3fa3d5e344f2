"""The main job, on photos that registry packages ship: `make demo`."""
