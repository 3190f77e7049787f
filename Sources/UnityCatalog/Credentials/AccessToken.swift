import HTTP
import Support

/// A token that is valid for a while.
struct AccessToken: Hashable, Sendable {
    /// The token.
    let value: Secret
    /// Its scheme in the header `Authorization`.
    var type: String
    /// How long it is valid from when it was issued; nil when that is not known.
    private(set) var lifetime: Duration?
    /// The workspace that it is for, where the host serves several workspaces.
    let workspaceID: String?
    /// How it was got.
    var method: AuthenticationMethod?
    /// The headers that belong to it, besides these.
    private var more: [CredentialHeader] = []

    /// A token.
    init(value: Secret, type: String, lifetime: Duration?, workspaceID: String?) {
        self.value = value
        self.type = type
        self.lifetime = lifetime
        self.workspaceID = workspaceID
    }

    /// Has further headers sent with it.
    mutating func add(_ headers: [CredentialHeader]) { more += headers }

    /// Lets it be replaced when something else ends that it is used with.
    mutating func shorten(to other: Duration?) {
        lifetime = [lifetime, other].compactMap(\.self).min()
    }

    /// The headers with it.
    var headers: [CredentialHeader] {
        var headers = [CredentialHeader("Authorization", Secret("\(type) \(value.reveal())"))]
        if let workspaceID { headers.append(CredentialHeader("x-databricks-org-id", Secret(workspaceID))) }
        return headers + more
    }
}

/// A token that is fetched when it is first needed, and again before it expires; never twice at a time.
actor RenewingToken {
    private struct Held {
        let token: AccessToken
        /// When it should be replaced.
        let isStaleAfter: Duration
        /// When it must not be used any more.
        let isUsableUntil: Duration
    }

    private let clock: WaitingClock
    private let fetch: @Sendable () async throws(HTTPError) -> AccessToken
    private var held: Held?
    private var fetching: Task<Result<AccessToken, HTTPError>, Never>?
    private var nextAttempt: Duration = .zero

    init(clock: WaitingClock, fetch: @escaping @Sendable () async throws(HTTPError) -> AccessToken) {
        self.clock = clock
        self.fetch = fetch
    }

    /// A token that can be used now.
    ///
    /// One that expires soon is replaced; when that fails, it is used for another minute before the next attempt.
    func token() async throws(HTTPError) -> AccessToken {
        let now = clock.now()
        guard let held, now < held.isUsableUntil else { return try await renew().get() }
        if now < held.isStaleAfter || fetching != nil || now < nextAttempt { return held.token }
        guard case .success(let token) = await renew() else {
            nextAttempt = clock.now() + .seconds(60)
            return held.token
        }
        return token
    }

    /// How the token was got that there is; nil while there is none.
    var method: AuthenticationMethod? { held?.token.method }

    /// Replaces a token that was refused, unless that has happened meanwhile.
    func replace(where isRejected: @Sendable (AccessToken) -> Bool) async throws(HTTPError) {
        if let held, !isRejected(held.token) { return }
        held = nil
        _ = try await renew().get()
    }

    private func renew() async -> Result<AccessToken, HTTPError> {
        let task = fetching ?? Task { [fetch] in await Result(of: fetch) }
        fetching = task
        let result = await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
        }
        if fetching == task {
            fetching = nil
            if case .success(let token) = result { hold(token) }
        }
        // Another task that waited for it was cancelled, and cancelled the fetch.
        if case .failure = result, task.isCancelled, !Task.isCancelled { return await renew() }
        return result
    }

    /// The times are the Databricks SDK's: a token is replaced in the last half of its life, at most 20 minutes, and
    /// not used in its last 40 seconds, as Azure refuses tokens that are valid for less than 30.
    private func hold(_ token: AccessToken) {
        let now = clock.now()
        guard let lifetime = token.lifetime else {
            held = Held(token: token, isStaleAfter: .seconds(1 << 40), isUsableUntil: .seconds(1 << 40))
            return
        }
        let end = now + lifetime
        held = Held(
            token: token, isStaleAfter: end - min(lifetime / 2, .seconds(20 * 60)),
            isUsableUntil: end - min(lifetime / 4, .seconds(40)))
    }
}
