output "index_url" {
  description = "Where installers find the environment's packages."
  value       = "https://${var.location}-python.pkg.dev/${var.project}/${google_artifact_registry_repository.python.repository_id}/simple/"
}
