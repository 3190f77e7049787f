package import HTTP
package import Prompts

extension MLflowServerRegistry {
    /// A registry, reached as the environment says; it is not asked anything yet.
    ///
    /// - Parameters:
    ///   - url: `http(s)://HOST[:PORT][/PATH]`.
    ///   - environment: The environment's variables.
    ///   - deadline: Until when a run goes on trying.
    ///   - allowsInsecure: Whether credentials may cross a network in plain text.
    ///   - onAttempt: Told of every request that was sent, from any task.
    /// - Throws: `RegistryError` when the address or the environment's settings cannot be used.
    package convenience init(
        url: String, environment: [String: String], deadline: RunDeadline = RunDeadline(),
        allowsInsecure: Bool = false, onAttempt: (@Sendable (HTTPAttempt) -> Void)? = nil
    ) throws(RegistryError) {
        do throws(HTTPError) {
            let base = try MLflowSettings.base(url)
            let settings = try MLflowSettings(environment: environment)
            if let problem = settings.problemWithCredentials { throw problem }
            try settings.transport.check(for: base)
            let client = HTTPClient(
                exchange: try CurlExchange(settings.transport).observed(by: onAttempt),
                authorizer: FixedAuthorizer(settings.credentials), service: MLflowSettings.service,
                deadline: deadline, allowsInsecure: allowsInsecure)
            self.init(base: base, client: client, headers: settings.headers)
        } catch {
            throw RegistryError(error)
        }
    }
}
