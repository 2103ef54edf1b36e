variable "project" {
  description = "ID of the environment's Google Cloud project."
  type        = string
}

variable "github_repository" {
  description = "The package's repository, as OWNER/NAME."
  type        = string

  validation {
    condition     = can(regex("^[^/]+/[^/]+$", var.github_repository))
    error_message = "Write github_repository as OWNER/NAME."
  }
}

# Numeric IDs: a name can be given away and taken by somebody else, an ID cannot.
variable "repository_id" {
  description = "GitHub's numeric ID of the repository."
  type        = number
}

variable "owner_id" {
  description = "GitHub's numeric ID of its owner."
  type        = number
}

variable "environment" {
  description = "Name of the GitHub Environment that publishes here."
  type        = string

  validation {
    condition     = can(regex("^[^'\\\\\\s]+$", var.environment))
    error_message = "The name of the environment must have no quotes, backslashes or blanks: it becomes a part of the condition and of the binding."
  }
}

variable "tag_suffix" {
  description = "What the environment's tags end with, such as -dev; empty for production."
  type        = string

  # A suffix that could be part of a version would let production's tags in.
  validation {
    condition     = can(regex("^([-_][A-Za-z0-9_.+-]*)?$", var.tag_suffix))
    error_message = "tag_suffix is empty, or begins with - or _ and has only letters, digits and . _ + - after it."
  }
}

variable "tag_prefixes" {
  description = "What tags begin with, before the version: one for each package of the repository."
  type        = list(string)
  default     = ["v"]

  validation {
    condition     = length(var.tag_prefixes) > 0 && alltrue([for prefix in var.tag_prefixes : can(regex("^[A-Za-z0-9_./+-]*$", prefix))])
    error_message = "tag_prefixes has at least one text, of letters, digits and . _ / + - only."
  }
}

variable "location" {
  description = "Location of the Artifact Registry repository."
  type        = string
  default     = "us-central1"
}

variable "artifact_repository" {
  description = "Name of the Artifact Registry repository, which google-project made."
  type        = string
  default     = "eigenoid-python"
}

variable "pool" {
  description = "ID of the workload identity pool, which google-project made."
  type        = string
  default     = "github"
}

variable "account_id" {
  description = "ID of the publisher service account; null for NAME-publisher, by the repository's name."
  type        = string
  default     = null
}
