"""Run time of the trained networks: numpy in and out, ONNX Runtime in between, no torch."""
