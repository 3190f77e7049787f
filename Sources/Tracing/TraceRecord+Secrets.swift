import HTTP
import Support

extension TraceRecord {
    /// The trace without secrets in what steps were given and gave, or what was said of them.
    func hiding(_ mask: SecretMask) -> TraceRecord {
        TraceRecord(
            self, spans: spans.map { $0.hiding(mask) }, tags: tags.mapValues(mask.hiding),
            metadata: metadata.mapValues(mask.hiding))
    }
}

extension SpanRecord {
    fileprivate func hiding(_ mask: SecretMask) -> SpanRecord {
        var span = self
        span.name = mask.hiding(name)
        span.failure = failure.map(mask.hiding)
        span.inputs = inputs?.hiding(mask)
        span.outputs = outputs?.hiding(mask)
        span.attributes = attributes.mapValues { $0.hiding(mask) }
        return span
    }
}

extension JSONValue {
    fileprivate func hiding(_ mask: SecretMask) -> JSONValue {
        switch self {
        case .string(let text): .string(mask.hiding(text))
        case .array(let values): .array(values.map { $0.hiding(mask) })
        case .object(let members):
            .object(members.map { .init(mask.hiding($0.key), $0.value.hiding(mask)) })
        case .null, .bool, .number: self
        }
    }
}
