mock_provider "github" {}

variables {
  repository     = "eigenoid-sample"
  automation_bot = { client_id = "Iv23automation", app_id = 123456 }
  releaser_bot   = { client_id = "Iv23releaser" }
  environments = {
    dev = { branch = "dev", tag_suffix = "-dev", variables = { GCP_PROJECT_ID = "eigenoid-dev" } }
    prd = { branch = "main", tag_suffix = "", variables = {}, reviewer_teams = [7] }
  }
}

run "each_environment_admits_its_own_tags" {
  command = plan

  assert {
    condition     = toset([for policy in github_repository_environment_deployment_policy.all : "${policy.environment} ${coalesce(policy.tag_pattern, policy.branch_pattern)}"]) == toset(["automation dev", "automation main", "automation v*", "dev v*[0-9]-dev", "prd v*[0-9]"])
    error_message = "An environment admits other branches or tags."
  }
  assert {
    condition     = length(github_repository_environment.all["dev"].reviewers) == 0 && length(github_repository_environment.all["prd"].reviewers) == 1
    error_message = "The reviewers are not those of production alone."
  }
}

run "suffix_that_ends_with_a_digit" {
  command = plan
  variables {
    environments = { qa = { branch = "qa", tag_suffix = "-qa2", variables = {} } }
  }
  expect_failures = [var.environments]
}
