"""What can be proved to a stranger: the words of records, the tree over them, signed notes, and their check."""
