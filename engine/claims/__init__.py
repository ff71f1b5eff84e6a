"""Claims in free prose: parsed, bound to the measurements of the segment, judged, and shown or withheld. Knows no model."""
