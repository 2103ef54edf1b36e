variable "github_repository" {
  description = "The package's repository, as OWNER/NAME."
  type        = string
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

variable "tag_prefixes" {
  description = "What tags begin with, before the version: one for each package of the repository."
  type        = list(string)
  default     = ["v"]
}

variable "account_id" {
  description = "ID of the publisher service account, where the repository's name is longer than 20 characters."
  type        = string
  default     = null
}

variable "production_reviewer_teams" {
  description = "IDs of the teams of which somebody must approve production; empty for nobody."
  type        = list(number)
  default     = []
}
