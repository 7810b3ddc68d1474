"""The picture of a journey, drawn from its code."""
