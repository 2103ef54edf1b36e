output "variables" {
  description = "The variables of the GitHub Environment."
  value = {
    GCP_WIF_PROVIDER = "${local.pool}/providers/${google_iam_workload_identity_pool_provider.repository.workload_identity_pool_provider_id}"
    GCP_SA_EMAIL     = google_service_account.publisher.email
    GCP_PROJECT_ID   = var.project
    AR_LOCATION      = var.location
    AR_REPOSITORY    = var.artifact_repository
  }
}
