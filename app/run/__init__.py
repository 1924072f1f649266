"""What `make run` starts: the checks, Redis, migrations, the first login and all processes."""
