"""What workers run: ids in, safe to run twice."""
