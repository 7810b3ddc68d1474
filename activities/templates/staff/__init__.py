"""What staff get by email."""
