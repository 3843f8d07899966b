"""The HTTP face of a kernel: a blueprint a noun, views of a few lines, one place that words refusals."""
