"""Where orders come in: files, folders of files, or a sentence, each checked for its shape."""
