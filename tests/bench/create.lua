-- Creates projects with references: wrk -s create.lua URL -- TOKEN RUN; ids differ by run and number.
local count = 0

function init(args)
  wrk.headers["Authorization"] = "Bearer " .. args[1]
  wrk.headers["Content-Type"] = "application/json"
  run = args[2]
end

function request()
  count = count + 1
  return wrk.format("POST", "/api/v1/projects", nil, string.format(
    '{"id":"project-%s-%d","title":"Project %d of run %s","pillar":"pillar","leads":["person-1","person-2"],' ..
    '"summary":"What it is for, in a sentence or two.","starts":"2026-01"}', run, count, count, run))
end

function done(summary)
  local e = summary.errors
  io.write(string.format("RESULT %f %d\n", summary.requests / summary.duration * 1e6,
    e.connect + e.read + e.write + e.timeout + e.status))
end
