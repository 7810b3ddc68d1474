"""`python painter.py < PICTURE.svg > PICTURE.png`: a program of its own, which needs nothing of ours."""

import sys

from resvg_py import svg_to_bytes

SHARP = 2.0  # pixels of a PNG for each of the picture

if __name__ == "__main__":
    sys.stdout.buffer.write(svg_to_bytes(svg_string=sys.stdin.buffer.read().decode(), zoom=SHARP))
