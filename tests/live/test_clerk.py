"""The clerk: rows, events and facts of sockets that come, talk and go."""
