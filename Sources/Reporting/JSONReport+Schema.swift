extension JSONReport {
    /// The JSON Schema (draft 2020-12) of the JSON report, ended by a newline.
    package static var schema: String { schemaText + "\n" }

    private static let schemaText = #"""
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "title": "promptreg report",
          "description": "What a run did, or a plan would do. A later release may add keys within the same schema_version.",
          "type": "object",
          "required": [
            "schema_version", "tool", "job", "target", "registry", "workspace", "command", "mode", "on_error",
            "status", "refused", "started_at", "finished_at", "elapsed_ms", "requests", "git", "plan", "summary",
            "prompts", "orphans", "error"
          ],
          "properties": {
            "schema_version": {"const": 1},
            "tool": {
              "description": "The program that wrote the report.",
              "type": "object",
              "required": ["name", "version"],
              "properties": {"name": {"const": "promptreg"}, "version": {"type": "string"}}
            },
            "job": {
              "description": "The job's name; null where prompts were named without one.", "type": ["string", "null"]
            },
            "target": {"description": "The target in use.", "type": ["string", "null"]},
            "registry": {"description": "The registry's address.", "type": "string"},
            "workspace": {
              "description": "The workspace behind the address; null where the address says all.",
              "type": ["string", "null"]
            },
            "command": {"description": "What was done.", "enum": ["run", "promote", "rollback", "copy"]},
            "mode": {
              "description": "dry_run and plan write nothing to the registry.",
              "enum": ["run", "dry_run", "plan"]
            },
            "on_error": {
              "description": "hold: one failure moves no alias; continue: every prompt for itself.",
              "enum": ["hold", "continue"]
            },
            "status": {"description": "How the run ended.", "enum": ["ok", "failed", "interrupted"]},
            "refused": {
              "description": "Whether the plan could not be carried out as a whole, so that nothing was done.",
              "type": "boolean"
            },
            "started_at": {"type": "string", "format": "date-time"},
            "finished_at": {"type": "string", "format": "date-time"},
            "elapsed_ms": {"type": "integer", "minimum": 0},
            "requests": {"description": "Requests sent over a network.", "type": "integer", "minimum": 0},
            "git": {
              "description": "What version control says of the job's files; null outside a repository.",
              "type": ["object", "null"],
              "required": ["commit", "dirty"],
              "properties": {
                "commit": {"type": "string"},
                "dirty": {"description": "Whether any of them differs from the commit.", "type": "boolean"}
              }
            },
            "plan": {
              "description": "How many prompts were planned for each action.",
              "type": "object",
              "required": ["create", "update", "retag", "unchanged", "aliases", "alias_removals"],
              "properties": {
                "create": {"$ref": "#/$defs/count"},
                "update": {"$ref": "#/$defs/count"},
                "retag": {"$ref": "#/$defs/count"},
                "unchanged": {"$ref": "#/$defs/count"},
                "aliases": {"description": "Aliases to be set or moved.", "$ref": "#/$defs/count"},
                "alias_removals": {"description": "Aliases to be taken away.", "$ref": "#/$defs/count"}
              }
            },
            "summary": {
              "description": "What was done. The numbers from created to not_run add up to total.",
              "type": "object",
              "required": [
                "total", "created", "updated", "retagged", "unchanged", "failed", "not_run", "aliases_set",
                "aliases_held", "aliases_removed"
              ],
              "properties": {
                "total": {"$ref": "#/$defs/count"},
                "created": {"$ref": "#/$defs/count"},
                "updated": {"$ref": "#/$defs/count"},
                "retagged": {"$ref": "#/$defs/count"},
                "unchanged": {"$ref": "#/$defs/count"},
                "failed": {"$ref": "#/$defs/count"},
                "not_run": {"$ref": "#/$defs/count"},
                "aliases_set": {"$ref": "#/$defs/count"},
                "aliases_held": {"$ref": "#/$defs/count"},
                "aliases_removed": {"$ref": "#/$defs/count"}
              }
            },
            "prompts": {"description": "In the order of the job.", "type": "array", "items": {"$ref": "#/$defs/prompt"}},
            "orphans": {
              "description": "Prompts that the job registered once and names no more, where they were looked for.",
              "type": "array",
              "items": {
                "type": "object",
                "required": ["full_name", "aliases"],
                "properties": {
                  "full_name": {"type": "string"},
                  "aliases": {
                    "description": "Those of the job's aliases that it still has, with their versions.",
                    "type": "object",
                    "additionalProperties": {"type": "integer", "minimum": 1}
                  }
                }
              }
            },
            "error": {
              "description": "What kept the whole run from being done.",
              "anyOf": [{"$ref": "#/$defs/error"}, {"type": "null"}]
            }
          },
          "$defs": {
            "count": {"type": "integer", "minimum": 0},
            "version": {
              "description": "A version's number in the registry.", "type": ["integer", "null"], "minimum": 1
            },
            "prompt": {
              "type": "object",
              "required": [
                "name", "full_name", "uri", "url", "action", "status", "version", "previous_version",
                "target_version", "differences", "aliases", "template", "spec_line", "error", "elapsed_ms"
              ],
              "properties": {
                "name": {"description": "The name within the job.", "type": "string"},
                "full_name": {"description": "The name in the registry.", "type": "string"},
                "uri": {"description": "The version's address, to load it.", "type": ["string", "null"]},
                "url": {
                  "description": "The page that shows it in the browser; null where there is none.",
                  "type": ["string", "null"]
                },
                "action": {
                  "description": "Null when the run ended before there was a plan.",
                  "enum": ["create", "update", "retag", "unchanged", null]
                },
                "status": {"enum": ["ok", "failed", "not_run"]},
                "version": {"description": "The newest version now.", "$ref": "#/$defs/version"},
                "previous_version": {
                  "description": "The newest version before the run.", "$ref": "#/$defs/version"
                },
                "target_version": {
                  "description": "The newest version after the run, as the plan expects it.",
                  "$ref": "#/$defs/version"
                },
                "differences": {
                  "description": "What made the job and the registry differ.",
                  "type": "array",
                  "items": {
                    "enum": [
                      "kind", "template", "model_config", "response_format", "description", "tags", "experiments",
                      "forced"
                    ]
                  }
                },
                "aliases": {"type": "array", "items": {"$ref": "#/$defs/alias"}},
                "template": {
                  "description": "Null when the run ended before it was known.",
                  "type": ["object", "null"],
                  "required": ["path", "characters", "variables"],
                  "properties": {
                    "path": {"description": "Its path in the repository; null when it is not from a file.", "type": ["string", "null"]},
                    "characters": {
                      "description": "Its length in Unicode code points.", "type": "integer", "minimum": 0
                    },
                    "variables": {"type": "array", "items": {"type": "string"}}
                  }
                },
                "spec_line": {
                  "description": "The line of the job spec that names the prompt; null without a job.",
                  "type": ["integer", "null"], "minimum": 1
                },
                "error": {
                  "description": "Why it failed.", "anyOf": [{"$ref": "#/$defs/error"}, {"type": "null"}]
                },
                "elapsed_ms": {"type": "integer", "minimum": 0}
              }
            },
            "alias": {
              "type": "object",
              "required": ["alias", "action", "status", "version", "previous_version", "target_version"],
              "properties": {
                "alias": {"type": "string"},
                "action": {"enum": ["set", "move", "unchanged", "remove"]},
                "status": {
                  "description": "held: left where it was; restored: moved, and moved back.",
                  "enum": ["ok", "held", "failed", "restored"]
                },
                "version": {"description": "Where it points now.", "$ref": "#/$defs/version"},
                "previous_version": {
                  "description": "Where it pointed before the run.", "$ref": "#/$defs/version"
                },
                "target_version": {
                  "description": "Where the plan expects it to point to; null when it is to be taken away.",
                  "$ref": "#/$defs/version"
                }
              }
            },
            "error": {
              "type": "object",
              "required": ["code", "message", "hint"],
              "properties": {
                "code": {
                  "enum": [
                    "invalid-address", "unreachable", "not-a-registry", "unauthenticated", "permission-denied",
                    "not-found", "name-taken", "conflict", "stale-plan", "never-moved", "variables-changed",
                    "invalid-value", "storage-full", "corrupt",
                    "failed"
                  ]
                },
                "message": {"type": "string"},
                "hint": {"description": "What to do about it.", "type": ["string", "null"]}
              }
            }
          }
        }
        """#
}
