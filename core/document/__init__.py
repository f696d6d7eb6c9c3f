"""The document: state, commands, history, project files, and what the stages are asked for."""
