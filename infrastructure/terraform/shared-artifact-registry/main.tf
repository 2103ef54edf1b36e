# The layer of what all packages share. Apply it once, before the first package's layer.

terraform {
  required_version = ">= 1.7"
  required_providers {
    google = {
      source  = "hashicorp/google"
      version = ">= 6.0"
    }
  }
  # Add the backend that your other layers have.
}

module "environment" {
  for_each = {
    dev = { project = "eigenoid-dev", keep_versions = 5 }
    qa  = { project = "eigenoid-qa", keep_versions = 5 }
    prd = { project = "eigenoid-prd", keep_versions = null }
  }
  source        = "../modules/google-project"
  project       = each.value.project
  keep_versions = each.value.keep_versions
}

output "index_urls" {
  description = "Where installers find each environment's packages."
  value       = { for name, environment in module.environment : name => environment.index_url }
}
