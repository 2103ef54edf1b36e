# One package in one environment: which jobs may publish it, and as whom.

data "google_project" "environment" {
  project_id = var.project
}

locals {
  pool       = "projects/${data.google_project.environment.number}/locations/global/workloadIdentityPools/${var.pool}"
  account_id = coalesce(var.account_id, "${replace(lower(split("/", var.github_repository)[1]), "/[^a-z0-9]/", "-")}-publisher")

  # Texts of tags as a regular expression, in which . and + stand for themselves.
  prefixes = [for prefix in var.tag_prefixes : replace(replace(prefix, ".", "[.]"), "+", "[+]")]
  prefix   = length(local.prefixes) == 1 ? local.prefixes[0] : "(${join("|", local.prefixes)})"
  suffix   = replace(replace(var.tag_suffix, ".", "[.]"), "+", "[+]")
}

# Which jobs Google believes. The provider is the repository's own, so that no package's condition
# has to know another package. IDs are quoted, because GitHub's claims are texts.
resource "google_iam_workload_identity_pool_provider" "repository" {
  project                            = var.project
  workload_identity_pool_id          = var.pool
  workload_identity_pool_provider_id = "repository-${var.repository_id}"
  description                        = "Publishes ${var.github_repository} by its environment ${var.environment}"
  attribute_mapping = {
    "google.subject"                   = "assertion.sub"
    "attribute.repository"             = "assertion.repository"
    "attribute.repository_id"          = "assertion.repository_id"
    "attribute.repository_owner_id"    = "assertion.repository_owner_id"
    "attribute.ref"                    = "assertion.ref"
    "attribute.environment"            = "assertion.environment"
    "attribute.repository_environment" = "assertion.repository_id + ':' + assertion.environment"
  }
  attribute_condition = join(" && ", [
    "assertion.repository_owner_id == '${var.owner_id}'",
    "assertion.repository_id == '${var.repository_id}'",
    "assertion.event_name in ['push', 'release', 'workflow_dispatch']",
    "assertion.ref_type == 'tag'",
    "assertion.ref.matches('^refs/tags/${local.prefix}[0-9][0-9A-Za-z.!+]*${local.suffix}$')",
    "assertion.environment == '${var.environment}'",
  ])
  oidc {
    issuer_uri = "https://token.actions.githubusercontent.com"
  }
}

# Whom such a job may act as, and what that account may do.
resource "google_service_account" "publisher" {
  project      = var.project
  account_id   = local.account_id
  display_name = "Publishes ${var.github_repository}"

  lifecycle {
    precondition {
      condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", local.account_id))
      error_message = "Google takes no service account with the name ${local.account_id}: set account_id to 6 to 30 of a-z, 0-9 and -, beginning with a letter."
    }
  }
}

resource "google_service_account_iam_member" "publisher" {
  service_account_id = google_service_account.publisher.name
  role               = "roles/iam.workloadIdentityUser"
  member             = "principalSet://iam.googleapis.com/${local.pool}/attribute.repository_environment/${var.repository_id}:${var.environment}"
}

resource "google_artifact_registry_repository_iam_member" "publisher" {
  project    = var.project
  location   = var.location
  repository = var.artifact_repository
  role       = "roles/artifactregistry.writer"
  member     = "serviceAccount:${google_service_account.publisher.email}"
}
