"""Doctor: find what is wrong with a project's set-up, and say how each fault is mended.

Edges gather facts (`reading/`), pure checks find problems in them (`checks/`), and the diagnosis is
shown as text, as Markdown or as JSON. What cannot be read is "not checked", never a tick.
"""
