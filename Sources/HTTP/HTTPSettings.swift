/// How requests are sent: the connection, the deadline, the retries and an observer.
package struct HTTPSettings: Sendable {
    /// Until when to retry; all clients of a run share one deadline.
    package var deadline: RunDeadline
    /// Whether credentials may cross a network in plain text.
    package var allowsInsecure: Bool
    /// What allows that, as the one who meets the refusal writes it.
    package var insecureFlag = "allowsInsecureHTTP"
    /// Called after every request, from any task.
    package var onAttempt: (@Sendable (HTTPAttempt) -> Void)?
    /// Called before a wait for another attempt, from any task: with why the last one failed, and how long it is.
    package var onWait: (@Sendable (String, Duration) -> Void)?
    /// When a failed request is retried.
    package var policy: RetryPolicy
    /// The time.
    package var clock: WaitingClock
    /// What no answer may bring back; all clients of a run share it.
    package let secrets = KnownSecrets()
    /// Makes what sends single requests.
    package var connect: @Sendable (TransportOptions) throws(HTTPError) -> any HTTPExchange

    /// Settings; without arguments, requests are sent with libcurl.
    package init(
        deadline: RunDeadline = RunDeadline(remedy: nil), allowsInsecure: Bool = false,
        onAttempt: (@Sendable (HTTPAttempt) -> Void)? = nil, policy: RetryPolicy = RetryPolicy(),
        clock: WaitingClock = .system,
        connect: @escaping @Sendable (TransportOptions) throws(HTTPError) -> any HTTPExchange = {
            options throws(HTTPError) in try CurlExchange(options)
        }
    ) {
        self.deadline = deadline
        self.allowsInsecure = allowsInsecure
        self.onAttempt = onAttempt
        self.policy = policy
        self.clock = clock
        self.connect = connect
    }
}

/// What may be shown of one request that was sent: nothing that could be a secret.
package struct HTTPAttempt: Sendable {
    /// The request's method, such as `POST`.
    package let method: String
    /// The path, without its query.
    package let path: String
    /// What the request is about, where its path does not say.
    package let subject: String?
    /// The answer's status; nil when none came.
    package let status: Int?
    /// How long it took.
    package let duration: Duration
}
