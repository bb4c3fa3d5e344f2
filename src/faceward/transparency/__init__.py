"""What can be proved to a stranger: words of records, the tree over them, signed notes, their check."""
