"""What is shipped: images, compose file, chart, workflows, rules; checked without an engine and without a cluster."""
