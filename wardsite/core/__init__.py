"""Pure rules: no Flask, no database, no socket, no file, no clock; `now` is an argument."""
