"""The command `dist-actions init`: write the workflows and settings that fit a project.

    files of the project → Package (what it is) → Setup (which starter, which edits, why)
    → workflows and settings as texts → compared with what stands there → written, or shown

`packages`, `testing`, `destination` and `repository` look; `setup` decides; `workflows` and
`settings` edit texts; `changes` compares; `writing` writes; `command` asks git and people.
Nothing of the project runs.
"""
