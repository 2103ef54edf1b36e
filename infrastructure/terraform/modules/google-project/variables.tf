variable "project" {
  description = "ID of the environment's Google Cloud project."
  type        = string
}

variable "location" {
  description = "Location of the Artifact Registry repository."
  type        = string
  default     = "us-central1"
}

variable "artifact_repository" {
  description = "Name of the Artifact Registry repository of all packages."
  type        = string
  default     = "eigenoid-python"
}

variable "pool" {
  description = "ID of the workload identity pool. It must hold no other providers than those of python-package."
  type        = string
  default     = "github"
}

variable "keep_versions" {
  description = "How many versions of each package the cleanup keeps; null for no cleanup, as in production, where what is installed must stay."
  type        = number
  default     = null

  validation {
    condition     = var.keep_versions == null ? true : var.keep_versions >= 1
    error_message = "keep_versions is at least 1, or null for no cleanup."
  }
}
