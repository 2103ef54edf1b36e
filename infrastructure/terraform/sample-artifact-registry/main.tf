# The layer of one package. Copy this folder for another package, and change terraform.tfvars.

terraform {
  required_version = ">= 1.7"
  required_providers {
    github = {
      source  = "integrations/github"
      version = ">= 6.4"
    }
    google = {
      source  = "hashicorp/google"
      version = ">= 6.0"
    }
  }
  # Add the backend that your other layers have.
}

provider "github" {
  owner = split("/", var.github_repository)[0]
}

locals {
  environments = {
    dev = { project = "eigenoid-dev", branch = "dev", tag_suffix = "-dev", reviewer_teams = [] }
    qa  = { project = "eigenoid-qa", branch = "qa", tag_suffix = "-qa", reviewer_teams = [] }
    prd = { project = "eigenoid-prd", branch = "main", tag_suffix = "", reviewer_teams = var.production_reviewer_teams }
  }
  repository = jsondecode(data.github_rest_api.repository.body)
}

data "github_rest_api" "repository" {
  endpoint = "repos/${var.github_repository}"

  lifecycle {
    postcondition {
      condition     = self.code == 200
      error_message = "GitHub answers ${self.code} for the repository ${var.github_repository}: compare its name, and whether your token may read it."
    }
  }
}

module "google" {
  for_each          = local.environments
  source            = "../modules/python-package"
  project           = each.value.project
  github_repository = var.github_repository
  repository_id     = local.repository.id
  owner_id          = local.repository.owner.id
  environment       = each.key
  tag_suffix        = each.value.tag_suffix
  tag_prefixes      = var.tag_prefixes
  account_id        = var.account_id
}

module "github" {
  source     = "../modules/github-repository"
  repository = split("/", var.github_repository)[1]
  environments = {
    for name, environment in local.environments : name => {
      branch         = environment.branch
      tag_suffix     = environment.tag_suffix
      reviewer_teams = environment.reviewer_teams
      variables      = module.google[name].variables
    }
  }
  tag_prefixes   = var.tag_prefixes
  automation_bot = var.automation_bot
  releaser_bot   = var.releaser_bot
}

output "variables" {
  description = "The variables of each GitHub Environment."
  value       = { for name, environment in module.google : name => environment.variables }
}
