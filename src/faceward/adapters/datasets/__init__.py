"""Folders and CSV files of labelled photos in, values that `faceward.evaluation` takes out."""
