"""What TensorBoard's own reader finds in an event file: one line a scalar (tag step value) or picture (tag step width
height bytes), in the order of the tags."""
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

events = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0, "images": 0})
events.Reload()
tags = events.Tags()
for tag in sorted(tags["scalars"]):
    for event in events.Scalars(tag):
        print("scalar", tag, event.step, repr(event.value))
for tag in sorted(tags["images"]):
    for event in events.Images(tag):
        print("image", tag, event.step, event.width, event.height, event.encoded_image_string[:4] == b"\x89PNG")
