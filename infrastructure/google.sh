#!/usr/bin/env bash
# Let the jobs of a repository publish to one environment's Google Cloud project:
#
#   bash google.sh OWNER/NAME ENVIRONMENT TAG_SUFFIX PROJECT_ID [TAG_PREFIX [ACCOUNT]]
#
# It needs gcloud and gh, both logged in. What is there is kept, so it may be run again, and for
# another package of the project. Its last lines are the variables of the GitHub Environment.
set -euo pipefail
(($# >= 4)) || { sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2; }
github_repository=$1 environment=$2 suffix=$3 project=$4 prefix=${5:-v}
location=us-central1 repository=eigenoid-python
name=$(tr '[:upper:]' '[:lower:]' <<<"${github_repository#*/}")
account=${6:-${name//[^a-z0-9]/-}-publisher}
email=$account@$project.iam.gserviceaccount.com

# What goes into the condition must not weaken it: no end of a text, and no suffix that is part of
# a version, by which production's tags could not be told from others.
refuse() { echo "google.sh: $1" >&2; exit 2; }
[[ $prefix$suffix$environment != *[\'\\[:space:]]* ]] || refuse "no quotes, backslashes or blanks"
[[ -z $suffix || $suffix == [-_]* ]] || refuse "a suffix begins with - or _"
[[ $account =~ ^[a-z][a-z0-9-]{4,28}[a-z0-9]$ ]] || refuse "Google takes no service account with \
the name $account: as last argument give another one, of 6 to 30 of a-z, 0-9 and -"
suffix=${suffix//./[.]} suffix=${suffix//+/[+]}
if [[ $prefix =~ ^[A-Za-z0-9_./-]*$ ]]; then prefix=${prefix//./[.]}; else prefix="($prefix)"; fi

# Numeric IDs: a name can be given away and taken by somebody else, an ID cannot.
repository_id=$(gh api "repos/$github_repository" --jq .id)
owner_id=$(gh api "repos/$github_repository" --jq .owner.id)
project_number=$(gcloud projects describe "$project" --format "value(projectNumber)")
pool=projects/$project_number/locations/global/workloadIdentityPools/github
# A provider of its own, so that no package's condition has to know another package.
provider=repository-$repository_id

gcloud services enable --project "$project" artifactregistry.googleapis.com \
  iam.googleapis.com iamcredentials.googleapis.com sts.googleapis.com

# Which jobs Google believes. IDs are quoted, because GitHub's claims are texts.
condition="assertion.repository_owner_id == '$owner_id'"
condition+=" && assertion.repository_id == '$repository_id'"
condition+=" && assertion.event_name in ['push', 'release', 'workflow_dispatch']"
condition+=" && assertion.ref_type == 'tag'"
condition+=" && assertion.ref.matches('^refs/tags/$prefix[0-9][0-9A-Za-z.!+]*$suffix\$')"
condition+=" && assertion.environment == '$environment'"
mapping=google.subject=assertion.sub
for claim in repository repository_id repository_owner_id ref environment; do
  mapping+=,attribute.$claim=assertion.$claim
done
mapping+=",attribute.repository_environment=assertion.repository_id + ':' + assertion.environment"

# Make what is missing. Google keeps a deleted pool, provider and their names for 30 days.
exists() {
  local state
  state=$(gcloud "$@" --project "$project" --format "value(state)" 2>/dev/null) || return 1
  if [[ $state == DELETED ]]; then
    gcloud "${@/#describe/undelete}" --project "$project"
  fi
  echo "google.sh: kept, because it is there: gcloud $*" >&2
}
in_pool=(--location global --workload-identity-pool github)
exists iam workload-identity-pools describe github --location global ||
  gcloud iam workload-identity-pools create github --project "$project" --location global
if exists iam workload-identity-pools providers describe "$provider" "${in_pool[@]}"; then
  now=$(gcloud iam workload-identity-pools providers describe "$provider" \
    --project "$project" "${in_pool[@]}" --format "value(attributeCondition)")
  if [[ $now != "$condition" ]]; then
    echo "google.sh: kept, though it is not the one of these arguments: the condition $now" >&2
    printf 'google.sh: to replace it: %s %q\n' "gcloud iam workload-identity-pools providers \
update-oidc $provider --project $project ${in_pool[*]} --attribute-condition" "$condition" >&2
  fi
else
  gcloud iam workload-identity-pools providers create-oidc "$provider" \
    --project "$project" "${in_pool[@]}" \
    --issuer-uri https://token.actions.githubusercontent.com \
    --attribute-mapping "$mapping" --attribute-condition "$condition"
fi

# Whom such a job may act as, and what that account may do.
exists iam service-accounts describe "$email" ||
  gcloud iam service-accounts create "$account" --project "$project"
gcloud iam service-accounts add-iam-policy-binding "$email" --project "$project" \
  --role roles/iam.workloadIdentityUser --member \
  "principalSet://iam.googleapis.com/$pool/attribute.repository_environment/$repository_id:$environment"
exists artifacts repositories describe "$repository" --location "$location" ||
  gcloud artifacts repositories create "$repository" --project "$project" \
    --location "$location" --repository-format python
gcloud artifacts repositories add-iam-policy-binding "$repository" --project "$project" \
  --location "$location" --role roles/artifactregistry.writer --member "serviceAccount:$email"

# The last 5 versions of each package are kept, and what goes is a day old at least. A policy that
# keeps deletes nothing by itself. Production has none: what is installed must stay.
policies=$(gcloud artifacts repositories describe "$repository" --project "$project" \
  --location "$location" --format "value(cleanupPolicies)")
if [[ -n $suffix && -z $policies ]]; then
  cleanup=$(mktemp)
  cat >"$cleanup" <<'JSON'
[
  {"name": "keep-last-5", "action": {"type": "Keep"}, "mostRecentVersions": {"keepCount": 5}},
  {"name": "delete-others", "action": {"type": "Delete"}, "condition": {"olderThan": "86400s"}}
]
JSON
  gcloud artifacts repositories set-cleanup-policies "$repository" --project "$project" \
    --location "$location" --policy "$cleanup" --no-dry-run
  rm "$cleanup"
fi

echo "GCP_WIF_PROVIDER=$pool/providers/$provider"
echo "GCP_SA_EMAIL=$email"
echo "GCP_PROJECT_ID=$project"
echo "AR_LOCATION=$location"
echo "AR_REPOSITORY=$repository"
