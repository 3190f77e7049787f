package import HTTP
package import Prompts

extension RegistryError {
    /// A failed request as the registry's own error.
    package init(_ error: HTTPError) {
        self.init(Code(rawValue: error.code.rawValue) ?? .notARegistry, error.message, hint: error.hint)
        outcomeIsUnknown = error.outcomeIsUnknown
    }
}

/// Does work that sends requests; what fails is thrown as the registry's own error.
func withRegistryErrors<Value>(
    _ work: () async throws(HTTPError) -> Value
) async throws(RegistryError) -> Value {
    do {
        return try await work()
    } catch {
        throw RegistryError(error)
    }
}
