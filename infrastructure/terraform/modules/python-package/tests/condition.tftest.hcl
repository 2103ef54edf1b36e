mock_provider "google" {
  mock_data "google_project" {
    defaults = { number = "100000000001" }
  }
}

variables {
  project           = "eigenoid-dev"
  github_repository = "eigenoid/eigenoid-sample"
  repository_id     = 900100
  owner_id          = 200100
  environment       = "dev"
  tag_suffix        = "-dev"
}

run "one_package" {
  command = plan

  assert {
    condition = google_iam_workload_identity_pool_provider.repository.attribute_condition == join(" && ", [
      "assertion.repository_owner_id == '200100'",
      "assertion.repository_id == '900100'",
      "assertion.event_name in ['push', 'release', 'workflow_dispatch']",
      "assertion.ref_type == 'tag'",
      "assertion.ref.matches('^refs/tags/v[0-9][0-9A-Za-z.!+]*-dev$')",
      "assertion.environment == 'dev'",
    ])
    error_message = "The provider admits other jobs."
  }
  assert {
    condition     = google_service_account_iam_member.publisher.member == "principalSet://iam.googleapis.com/projects/100000000001/locations/global/workloadIdentityPools/github/attribute.repository_environment/900100:dev"
    error_message = "The binding is not for this repository and environment alone."
  }
  assert {
    condition     = google_service_account.publisher.account_id == "eigenoid-sample-publisher"
    error_message = "The account has another name."
  }
}

run "several_packages" {
  command = plan
  variables {
    tag_prefixes = ["shop-core-v", "shop.api-v"]
  }

  assert {
    condition     = strcontains(google_iam_workload_identity_pool_provider.repository.attribute_condition, "'^refs/tags/(shop-core-v|shop[.]api-v)[0-9]")
    error_message = "The tags of both packages are not admitted as they are written."
  }
}

run "production" {
  command = plan
  variables {
    environment = "prd"
    tag_suffix  = ""
  }

  assert {
    condition     = strcontains(google_iam_workload_identity_pool_provider.repository.attribute_condition, "'^refs/tags/v[0-9][0-9A-Za-z.!+]*$'")
    error_message = "Production admits other tags."
  }
}

run "suffix_that_could_be_a_version" {
  command = plan
  variables {
    tag_suffix = "rc"
  }
  expect_failures = [var.tag_suffix]
}

run "quote_in_a_prefix" {
  command = plan
  variables {
    tag_prefixes = ["v' || '"]
  }
  expect_failures = [var.tag_prefixes]
}

run "quote_in_the_environment" {
  command = plan
  variables {
    environment = "dev' || '"
  }
  expect_failures = [var.environment]
}

run "name_that_is_too_long" {
  command = plan
  variables {
    github_repository = "eigenoid/a-name-that-is-longer-than-twenty"
  }
  expect_failures = [google_service_account.publisher]
}

run "shorter_name" {
  command = plan
  variables {
    github_repository = "eigenoid/a-name-that-is-longer-than-twenty"
    account_id        = "long-name-publisher"
  }
}
