"""Files of registrations: read as a stream, checked like the body of a registration, taken in by chunks."""
