"""The part of GitHub's GraphQL schema that is served, with GitHub's own names.

Spec: https://docs.github.com/graphql/reference. Descriptions are left out; what is nullable there
is nullable here, so that a refused field does not take its neighbours with it.
"""

from functools import cache

from graphql import GraphQLSchema, build_schema

_SCALARS_AND_ENUMS = """
scalar Base64String
scalar DateTime
scalar GitObjectID
scalar URI

enum ReleaseOrderField { CREATED_AT NAME }
enum OrderDirection { ASC DESC }
input ReleaseOrder { field: ReleaseOrderField! direction: OrderDirection! }

enum RepositoryOrderField { CREATED_AT NAME PUSHED_AT STARGAZERS UPDATED_AT }
input RepositoryOrder { field: RepositoryOrderField! direction: OrderDirection! }

enum ComparisonStatus { AHEAD BEHIND DIVERGED IDENTICAL }

enum PullRequestState { OPEN CLOSED MERGED }
enum PullRequestMergeMethod { MERGE SQUASH REBASE }
enum RepositoryPermission { ADMIN MAINTAIN READ TRIAGE WRITE }
enum MergeableState { MERGEABLE CONFLICTING UNKNOWN }
enum MergeStateStatus { BEHIND BLOCKED CLEAN DIRTY DRAFT HAS_HOOKS UNKNOWN UNSTABLE }
enum MergeQueueEntryState { AWAITING_CHECKS LOCKED MERGEABLE QUEUED UNMERGEABLE }
enum MergeQueueMergeMethod { MERGE SQUASH REBASE }
enum PullRequestReviewDecision { APPROVED CHANGES_REQUESTED REVIEW_REQUIRED }
enum PullRequestReviewEvent { APPROVE COMMENT DISMISS REQUEST_CHANGES }
enum PullRequestReviewState { APPROVED CHANGES_REQUESTED COMMENTED DISMISSED PENDING }
enum StatusState { ERROR EXPECTED FAILURE PENDING SUCCESS }
enum CheckStatusState { COMPLETED IN_PROGRESS PENDING QUEUED REQUESTED WAITING }
enum CheckConclusionState {
  ACTION_REQUIRED CANCELLED FAILURE NEUTRAL SKIPPED STALE STARTUP_FAILURE SUCCESS TIMED_OUT
}
"""

_OBJECTS = """
interface Node { id: ID! }
interface Actor { login: String! url: URI! resourcePath: URI! avatarUrl(size: Int): URI! }
interface RepositoryOwner {
  id: ID! login: String! url: URI! resourcePath: URI! avatarUrl(size: Int): URI!
  repositories(
    isArchived: Boolean orderBy: RepositoryOrder first: Int last: Int after: String
  ): RepositoryConnection!
}
type RepositoryConnection { nodes: [Repository] totalCount: Int! pageInfo: PageInfo! }

interface GitObject { id: ID! oid: GitObjectID! abbreviatedOid: String! }

type User implements Node & Actor & RepositoryOwner {
  id: ID! databaseId: Int name: String login: String! url: URI! resourcePath: URI!
  avatarUrl(size: Int): URI!
  repositories(
    isArchived: Boolean orderBy: RepositoryOrder first: Int last: Int after: String
  ): RepositoryConnection!
}
type Bot implements Node & Actor {
  id: ID! databaseId: Int login: String! url: URI! resourcePath: URI! avatarUrl(size: Int): URI!
}
type Organization implements Node & Actor & RepositoryOwner {
  id: ID! name: String login: String! url: URI! resourcePath: URI! avatarUrl(size: Int): URI!
  repositories(
    isArchived: Boolean orderBy: RepositoryOrder first: Int last: Int after: String
  ): RepositoryConnection!
}

type PageInfo {
  startCursor: String endCursor: String hasNextPage: Boolean! hasPreviousPage: Boolean!
}

type Repository implements Node {
  id: ID! databaseId: Int name: String! nameWithOwner: String! owner: RepositoryOwner! url: URI!
  isArchived: Boolean! isPrivate: Boolean! viewerPermission: RepositoryPermission parent: Repository
  defaultBranchRef: Ref
  mergeCommitAllowed: Boolean! squashMergeAllowed: Boolean! rebaseMergeAllowed: Boolean!
  autoMergeAllowed: Boolean! deleteBranchOnMerge: Boolean!
  viewerDefaultMergeMethod: PullRequestMergeMethod!
  mergeQueue(branch: String): MergeQueue
  object(oid: GitObjectID, expression: String): GitObject
  ref(qualifiedName: String!): Ref
  release(tagName: String!): Release
  latestRelease: Release
  releases(
    first: Int last: Int after: String orderBy: ReleaseOrder
  ): ReleaseConnection
  pullRequest(number: Int!): PullRequest
  pullRequests(
    states: [PullRequestState!] baseRefName: String headRefName: String
    first: Int last: Int after: String
  ): PullRequestConnection
}

type Release implements Node {
  id: ID! databaseId: Int tagName: String! name: String description: String url: URI!
  isDraft: Boolean! isPrerelease: Boolean! isLatest: Boolean! immutable: Boolean!
  createdAt: DateTime! publishedAt: DateTime updatedAt: DateTime! author: User
  tagCommit: Commit
  releaseAssets(name: String first: Int last: Int after: String): ReleaseAssetConnection!
}
type ReleaseAsset implements Node {
  id: ID! name: String! size: Int! digest: String contentType: String! downloadCount: Int!
  downloadUrl: URI! createdAt: DateTime! updatedAt: DateTime!
}
type ReleaseAssetConnection { nodes: [ReleaseAsset] totalCount: Int! pageInfo: PageInfo! }
type ReleaseConnection { nodes: [Release] pageInfo: PageInfo! totalCount: Int! }

type Ref implements Node {
  id: ID! name: String! prefix: String! target: GitObject refUpdateRule: RefUpdateRule
  compare(headRef: String!): Comparison
}
type Comparison implements Node {
  id: ID! aheadBy: Int! behindBy: Int! status: ComparisonStatus!
  baseTarget: GitObject! headTarget: GitObject!
}
type RefUpdateRule {
  pattern: String! requiredApprovingReviewCount: Int requiredStatusCheckContexts: [String]
  requiresLinearHistory: Boolean! requiresCodeOwnerReviews: Boolean! requiresSignatures: Boolean!
  requiresConversationResolution: Boolean! allowsForcePushes: Boolean! allowsDeletions: Boolean!
  blocksCreations: Boolean! viewerAllowedToDismissReviews: Boolean! viewerCanPush: Boolean!
}

type Tree implements Node & GitObject {
  id: ID! oid: GitObjectID! abbreviatedOid: String! entries: [TreeEntry!]
}
type TreeEntry {
  name: String! nameRaw: Base64String! mode: Int! type: String! oid: GitObjectID! object: GitObject
}
type Blob implements Node & GitObject {
  id: ID! oid: GitObjectID! abbreviatedOid: String!
  byteSize: Int! isBinary: Boolean isTruncated: Boolean! text: String
}
type Tag implements Node & GitObject {
  id: ID! oid: GitObjectID! abbreviatedOid: String! name: String! message: String target: GitObject!
}
type Commit implements Node & GitObject {
  id: ID! oid: GitObjectID! abbreviatedOid: String! message: String! messageHeadline: String!
  committedDate: DateTime! tree: Tree!
  parents(first: Int last: Int after: String): CommitConnection
  associatedPullRequests(first: Int last: Int after: String): PullRequestConnection
  statusCheckRollup: StatusCheckRollup
}
type CommitConnection { nodes: [Commit] totalCount: Int! pageInfo: PageInfo! }

type StatusCheckRollup {
  state: StatusState!
  contexts(first: Int last: Int after: String): StatusCheckRollupContextConnection
}
type StatusCheckRollupContextConnection {
  nodes: [StatusCheckRollupContext] totalCount: Int! pageInfo: PageInfo!
}
union StatusCheckRollupContext = CheckRun | StatusContext
type CheckRun implements Node {
  id: ID! name: String! status: CheckStatusState! conclusion: CheckConclusionState
}
type StatusContext implements Node {
  id: ID! context: String! state: StatusState! description: String targetUrl: URI
}

type PullRequest implements Node {
  id: ID! databaseId: Int number: Int! title: String! body: String! url: URI!
  state: PullRequestState! closed: Boolean! merged: Boolean! isDraft: Boolean!
  createdAt: DateTime! updatedAt: DateTime! closedAt: DateTime mergedAt: DateTime
  author: Actor mergedBy: Actor
  baseRefName: String! baseRefOid: GitObjectID! headRefName: String! headRefOid: GitObjectID!
  mergeable: MergeableState! mergeStateStatus: MergeStateStatus! mergeCommit: Commit
  autoMergeRequest: AutoMergeRequest
  isInMergeQueue: Boolean! isMergeQueueEnabled: Boolean! mergeQueueEntry: MergeQueueEntry
  reviewDecision: PullRequestReviewDecision repository: Repository!
  headRepository: Repository headRepositoryOwner: RepositoryOwner isCrossRepository: Boolean!
  labels(first: Int last: Int after: String): LabelConnection
  commits(first: Int last: Int after: String): PullRequestCommitConnection
}
type PullRequestConnection { nodes: [PullRequest] totalCount: Int! pageInfo: PageInfo! }
type PullRequestCommitConnection {
  nodes: [PullRequestCommit] totalCount: Int! pageInfo: PageInfo!
}
type PullRequestCommit { commit: Commit! }
type Label implements Node { id: ID! name: String! }
type LabelConnection { nodes: [Label] totalCount: Int! pageInfo: PageInfo! }

type PullRequestReview implements Node {
  id: ID! state: PullRequestReviewState! body: String! author: Actor
}

type AutoMergeRequest {
  mergeMethod: PullRequestMergeMethod! enabledAt: DateTime enabledBy: Actor
  commitHeadline: String commitBody: String authorEmail: String pullRequest: PullRequest!
}

type MergeQueue implements Node {
  id: ID! url: URI! configuration: MergeQueueConfiguration
  entries(first: Int last: Int after: String): MergeQueueEntryConnection
}
type MergeQueueConfiguration { mergeMethod: PullRequestMergeMethod }
type MergeQueueEntryConnection { nodes: [MergeQueueEntry] totalCount: Int! pageInfo: PageInfo! }
type MergeQueueEntry implements Node {
  id: ID! position: Int! state: MergeQueueEntryState! enqueuedAt: DateTime! enqueuer: Actor!
  headCommit: Commit pullRequest: PullRequest
}

type RateLimit { limit: Int! cost: Int! remaining: Int! used: Int! resetAt: DateTime! }
"""

_ROOTS = """
type Query {
  viewer: User!
  rateLimit: RateLimit
  repository(owner: String! name: String! followRenames: Boolean = true): Repository
  repositoryOwner(login: String!): RepositoryOwner
  node(id: ID!): Node
}

type Mutation {
  mergePullRequest(input: MergePullRequestInput!): MergePullRequestPayload
  addPullRequestReview(input: AddPullRequestReviewInput!): AddPullRequestReviewPayload
  enablePullRequestAutoMerge(input: EnablePullRequestAutoMergeInput!):
    EnablePullRequestAutoMergePayload
  disablePullRequestAutoMerge(input: DisablePullRequestAutoMergeInput!):
    DisablePullRequestAutoMergePayload
  enqueuePullRequest(input: EnqueuePullRequestInput!): EnqueuePullRequestPayload
  dequeuePullRequest(input: DequeuePullRequestInput!): DequeuePullRequestPayload
  markPullRequestReadyForReview(input: MarkPullRequestReadyForReviewInput!):
    MarkPullRequestReadyForReviewPayload
  convertPullRequestToDraft(input: ConvertPullRequestToDraftInput!):
    ConvertPullRequestToDraftPayload
}

input MergePullRequestInput {
  pullRequestId: ID! mergeMethod: PullRequestMergeMethod = MERGE expectedHeadOid: GitObjectID
  commitHeadline: String commitBody: String authorEmail: String clientMutationId: String
}
type MergePullRequestPayload { actor: Actor clientMutationId: String pullRequest: PullRequest }
input AddPullRequestReviewInput {
  pullRequestId: ID! event: PullRequestReviewEvent body: String commitOID: GitObjectID
  clientMutationId: String
}
type AddPullRequestReviewPayload {
  clientMutationId: String pullRequestReview: PullRequestReview
}
input EnablePullRequestAutoMergeInput {
  pullRequestId: ID! mergeMethod: PullRequestMergeMethod = MERGE expectedHeadOid: GitObjectID
  commitHeadline: String commitBody: String authorEmail: String clientMutationId: String
}
type EnablePullRequestAutoMergePayload {
  actor: Actor clientMutationId: String pullRequest: PullRequest
}
input DisablePullRequestAutoMergeInput { pullRequestId: ID! clientMutationId: String }
type DisablePullRequestAutoMergePayload {
  actor: Actor clientMutationId: String pullRequest: PullRequest
}
input EnqueuePullRequestInput {
  pullRequestId: ID! expectedHeadOid: GitObjectID jump: Boolean clientMutationId: String
}
type EnqueuePullRequestPayload { clientMutationId: String mergeQueueEntry: MergeQueueEntry }
input DequeuePullRequestInput { id: ID! clientMutationId: String }
type DequeuePullRequestPayload { clientMutationId: String mergeQueueEntry: MergeQueueEntry }
input MarkPullRequestReadyForReviewInput { pullRequestId: ID! clientMutationId: String }
type MarkPullRequestReadyForReviewPayload { clientMutationId: String pullRequest: PullRequest }
input ConvertPullRequestToDraftInput { pullRequestId: ID! clientMutationId: String }
type ConvertPullRequestToDraftPayload { clientMutationId: String pullRequest: PullRequest }
"""


@cache
def served_schema() -> GraphQLSchema:
    """Build the schema, once."""
    return build_schema(_SCALARS_AND_ENUMS + _OBJECTS + _ROOTS)
