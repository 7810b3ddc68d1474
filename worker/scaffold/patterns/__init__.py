"""What a new journey is made from; `$name` and its like are filled in."""
