variable "repository" {
  description = "Name of the repository, without its owner."
  type        = string
}

variable "environments" {
  description = "The environments that publish, by the name of their GitHub Environment: branch, suffix of the tags, variables, and who must approve."
  type = map(object({
    branch         = string
    tag_suffix     = string
    variables      = map(string)
    reviewer_users = optional(list(number), [])
    reviewer_teams = optional(list(number), [])
  }))

  # Production's pattern lets in every tag that ends with a digit.
  validation {
    condition     = alltrue([for environment in var.environments : !can(regex("[0-9]$", environment.tag_suffix))])
    error_message = "A suffix that ends with a digit cannot be told from a version by a pattern: choose another suffix, or set the deployment policies yourself."
  }
}

variable "tag_prefixes" {
  description = "What tags begin with, before the version: one for each package of the repository."
  type        = list(string)
  default     = ["v"]
}

variable "automation_bot" {
  description = "The App that makes tags and promotion pull requests: its client ID, and its App ID."
  type = object({
    client_id = string
    app_id    = number
  })
}

variable "releaser_bot" {
  description = "The App that makes GitHub releases: its client ID."
  type        = object({ client_id = string })
}
