"""Lets every test import ``sizes`` and ``data``: pytest puts the folder of this file on the path."""
