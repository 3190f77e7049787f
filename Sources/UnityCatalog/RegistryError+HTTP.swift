package import HTTP
package import Prompts

extension RegistryError {
    /// A failed request as the registry's own error.
    package init(_ error: HTTPError) {
        self.init(Code(rawValue: error.code.rawValue) ?? .notARegistry, error.message, hint: error.hint)
        outcomeIsUnknown = error.outcomeIsUnknown
    }
}
