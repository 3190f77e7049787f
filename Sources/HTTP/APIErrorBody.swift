import FoundationEssentials

/// What MLflow, Databricks and OAuth endpoints say when they refuse something.
struct APIErrorBody: Hashable, Sendable {
    /// The kind of error, such as `RESOURCE_DOES_NOT_EXIST`.
    let code: String?
    /// The error in words.
    let message: String?

    /// Reads an answer's body; nil when it is no JSON object.
    init?(_ body: [UInt8]) {
        guard let fields = try? JSONDecoder().decode(Fields.self, from: Data(body)) else { return nil }
        code = fields.error_code ?? fields.error
        message = fields.message ?? fields.error_description ?? fields.detail
    }

    private struct Fields: Decodable {
        var error_code: String?
        var message: String?
        var error: String?
        var error_description: String?
        var detail: String?

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            // A field of another type says nothing, and makes the rest no less useful.
            func text(_ key: CodingKeys) -> String? { try? container.decode(String.self, forKey: key) }
            error_code = text(.error_code)
            message = text(.message)
            error = text(.error)
            error_description = text(.error_description)
            detail = text(.detail)
        }

        private enum CodingKeys: String, CodingKey {
            case error_code, message, error, error_description, detail
        }
    }
}
