import FoundationEssentials

/// What MLflow, Databricks, OAuth endpoints and those of models say when they refuse something.
struct APIErrorBody: Decodable {
    /// The kind of error, such as `RESOURCE_DOES_NOT_EXIST`.
    let code: String?
    /// The error in words.
    let message: String?

    /// Reads an answer's body; nil when it is not a JSON object.
    init?(_ body: [UInt8]) {
        guard let read = try? JSONDecoder().decode(APIErrorBody.self, from: Data(body)) else { return nil }
        self = read
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        // A field of another type says nothing, and makes the rest no less useful.
        func text(_ key: CodingKeys) -> String? { try? container.decode(String.self, forKey: key) }
        code = text(.error_code) ?? text(.error)
        // Endpoints of models say it one level down.
        let inner = try? container.decode(Inner.self, forKey: .error)
        message = text(.message) ?? text(.error_description) ?? text(.detail) ?? inner?.message
    }

    private struct Inner: Decodable { let message: String? }

    private enum CodingKeys: String, CodingKey {
        case error_code, message, error, error_description, detail
    }
}
