/* Empty on purpose: bcc brings its own declarations of what this header would hold. */
