# GitHub's half: environments, whom they let in, their variables, and the rules for tags. The bots'
# private keys are not here, because Terraform would write them into its state.

locals {
  automation = {
    reviewer_users = []
    reviewer_teams = []
    variables      = { AUTOMATION_BOT_CLIENT_ID = var.automation_bot.client_id }
    branches       = [for environment in var.environments : environment.branch]
    tags           = [for prefix in var.tag_prefixes : "${prefix}*"]
  }
  publishing = {
    for name, environment in var.environments : name => {
      reviewer_users = environment.reviewer_users
      reviewer_teams = environment.reviewer_teams
      variables      = merge(environment.variables, { RELEASER_BOT_CLIENT_ID = var.releaser_bot.client_id })
      branches       = []
      # A version ends with a digit, by which production's tags are told from the others'.
      tags = [for prefix in var.tag_prefixes : "${prefix}*[0-9]${environment.tag_suffix}"]
    }
  }
  environments = merge(local.publishing, { automation = local.automation })
  tag_refs     = [for prefix in var.tag_prefixes : prefix == "" ? "refs/tags/[0-9]*" : "refs/tags/${prefix}*"]

  variables = merge([
    for name, environment in local.environments : {
      for variable, value in environment.variables : "${name}/${variable}" => {
        environment = name, name = variable, value = value
      }
    }
  ]...)
  policies = merge(
    merge([for name, environment in local.environments : {
      for branch in environment.branches : "${name}/branch/${branch}" => { environment = name, branch = branch, tag = null }
    }]...),
    merge([for name, environment in local.environments : {
      for tag in environment.tags : "${name}/tag/${tag}" => { environment = name, branch = null, tag = tag }
    }]...),
  )
}

resource "github_repository_environment" "all" {
  for_each    = local.environments
  repository  = var.repository
  environment = each.key

  deployment_branch_policy {
    protected_branches     = false
    custom_branch_policies = true
  }
  dynamic "reviewers" {
    for_each = length(each.value.reviewer_users) + length(each.value.reviewer_teams) > 0 ? [each.value] : []
    content {
      users = reviewers.value.reviewer_users
      teams = reviewers.value.reviewer_teams
    }
  }
}

resource "github_repository_environment_deployment_policy" "all" {
  for_each       = local.policies
  repository     = var.repository
  environment    = github_repository_environment.all[each.value.environment].environment
  branch_pattern = each.value.branch
  tag_pattern    = each.value.tag
}

resource "github_actions_environment_variable" "all" {
  for_each      = local.variables
  repository    = var.repository
  environment   = github_repository_environment.all[each.value.environment].environment
  variable_name = each.value.name
  value         = each.value.value
}

# Two rulesets, because who may bypass a ruleset may bypass all its rules.
resource "github_repository_ruleset" "tags_made_by_the_bot" {
  repository  = var.repository
  name        = "Tags are made by the automation bot"
  target      = "tag"
  enforcement = "active"
  conditions {
    ref_name {
      include = local.tag_refs
      exclude = []
    }
  }
  rules {
    creation = true
  }
  bypass_actors {
    actor_id    = var.automation_bot.app_id
    actor_type  = "Integration"
    bypass_mode = "always"
  }
}

resource "github_repository_ruleset" "tags_never_move" {
  repository  = var.repository
  name        = "Tags never move"
  target      = "tag"
  enforcement = "active"
  conditions {
    ref_name {
      include = local.tag_refs
      exclude = []
    }
  }
  rules {
    update   = true
    deletion = true
  }
}
