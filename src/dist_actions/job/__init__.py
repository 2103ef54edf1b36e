"""What a workflow job hands to a stage: its event, its inputs, and where services answer."""
