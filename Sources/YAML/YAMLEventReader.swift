import CYAML

/// What libyaml found wrong, in its own words.
struct YAMLReadError: Error {
    /// What is wrong.
    var problem: String
    /// Where, if it says so.
    var mark: yaml_mark_t
    /// What was being read.
    var context: String
    /// Where that began.
    var contextMark: yaml_mark_t
}

/// libyaml's event stream over bytes in memory.
///
/// It owns the parser and the current event, and frees both. The bytes are borrowed: they must outlive it.
struct YAMLEventReader: ~Copyable {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let event: UnsafeMutablePointer<yaml_event_t>

    /// A reader at the beginning of a text in UTF-8; there is no current event before the first `advance`.
    init?(_ text: UnsafeBufferPointer<UInt8>) {
        parser = .allocate(capacity: 1)
        event = .allocate(capacity: 1)
        event.initialize(to: yaml_event_t())
        parser.initialize(to: yaml_parser_t())
        guard yaml_parser_initialize(parser) == 1 else { return nil }
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, text.baseAddress, text.count)
    }

    deinit {
        yaml_event_delete(event)
        yaml_parser_delete(parser)
        event.deallocate()
        parser.deallocate()
    }

    /// Replaces the current event by the next; after an error there is none.
    mutating func advance() throws(YAMLReadError) {
        yaml_event_delete(event)
        guard yaml_parser_parse(parser, event) == 1 else {
            let state = parser.pointee
            throw YAMLReadError(
                problem: state.problem.map { String(cString: $0) } ?? "out of memory",
                mark: state.problem_mark,
                context: state.context.map { String(cString: $0) } ?? "",
                contextMark: state.context_mark)
        }
    }

    /// The kind of the current event.
    var kind: yaml_event_type_t { event.pointee.type }
    /// Where the current event begins.
    var start: yaml_mark_t { event.pointee.start_mark }
    /// Where the current event ends.
    var end: yaml_mark_t { event.pointee.end_mark }

    /// The name of the anchor of the current node, or that the current alias points to.
    var anchor: String? {
        switch kind {
        case YAML_ALIAS_EVENT: Self.string(event.pointee.data.alias.anchor)
        case YAML_SCALAR_EVENT: Self.string(event.pointee.data.scalar.anchor)
        case YAML_SEQUENCE_START_EVENT: Self.string(event.pointee.data.sequence_start.anchor)
        case YAML_MAPPING_START_EVENT: Self.string(event.pointee.data.mapping_start.anchor)
        default: nil
        }
    }

    /// The tag of the current node, its handle resolved; nil when none is written.
    var tag: String? {
        switch kind {
        case YAML_SCALAR_EVENT: Self.string(event.pointee.data.scalar.tag)
        case YAML_SEQUENCE_START_EVENT: Self.string(event.pointee.data.sequence_start.tag)
        case YAML_MAPPING_START_EVENT: Self.string(event.pointee.data.mapping_start.tag)
        default: nil
        }
    }

    /// How the current scalar is written; only for a scalar.
    var style: yaml_scalar_style_t { event.pointee.data.scalar.style }

    /// The text of the current scalar; only for a scalar.
    var text: String {
        let scalar = event.pointee.data.scalar
        return String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
    }

    private static func string(_ text: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        text.map { String(cString: $0) }
    }
}
