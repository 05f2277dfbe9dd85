"""The model: its bundle, what it reads, the engine, the inference loop, the labels."""
