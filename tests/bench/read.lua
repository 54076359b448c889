-- Reads records by id, at random: wrk -s read.lua URL -- PATH-PREFIX N
function init(args)
  prefix, n = args[1], tonumber(args[2])
end

function request()
  return wrk.format("GET", prefix .. math.random(0, n - 1))
end

function done(summary)
  local e = summary.errors
  io.write(string.format("RESULT %f %d\n", summary.requests / summary.duration * 1e6,
    e.connect + e.read + e.write + e.timeout + e.status))
end
