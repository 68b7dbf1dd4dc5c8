/**
 * A third list, of lines as people say them in the middle of an incident, written twice: of the first 104 lines 75 did what was
 * meant on the first run, of the next 100, written after those were learnt, 71. What they missed was built afterwards.
 */
export const TYPED_SPOKEN = `
kubectl get pods -o wide -w => diag pods --output=wide
kubectl get all -n shop => diag all --namespace=shop
kubectl -n shop get deploy api -o yaml => diag describe deployment/api --namespace=shop --output=yaml
kubectl logs -l app=api --tail 20 -n shop => diag logs --selector=app=api --tail=20 --namespace=shop
kubectl logs api-7d9f8c6b5-x2x4z -c istio-proxy --since=10m => diag logs api-7d9f8c6b5-x2x4z --container=istio-proxy --since=10m
kubectl get events -A --watch => diag events --all-namespaces
kubectl describe hpa api => diag describe horizontalpodautoscaler/api
kubectl get hpa => diag hpa
kubectl rollout history deploy/api => diag rollouts api
kubectl rollout undo deploy/api => ? diag rollouts api
kubectl delete pod api-7d9f => ? diag describe pod/api-7d9f
kubectl exec -it api-7d9f -- sh => ? diag logs api-7d9f
kubectl get certificates => diag describe certificate
kubectl explain pods => ? diag all
kubectl auth can-i list pods => ? diag all
k describe po api-7d9f | tail -30 => diag describe pod/api-7d9f
helm rollback api 3 => ? diag rollouts api
helm list => ? diag rollouts
stern api => diag logs api
flux get kustomizations => ? diag rollouts
argocd app get api => ? diag rollouts
top => diag top pods
who's on call tonight => oncall
wake up bob => ? escalate
call ana => ? escalate
ack all => ? incidents
ack everything => ? incidents
ack 3 4 => ? incidents
I'm looking at 7 => ? ack 7
taking #7 => ? ack 7
I'll handle this => ? ack
looking => ? ack
false alarm => ? resolve --dismiss
false positive 7 => ? resolve --dismiss 7
not an incident 7 => ? resolve --dismiss 7
dismiss 7 => ? resolve --dismiss 7
resolved 7 => resolve 7
we rolled back to 1.9 and it works => ? resolve we rolled back to 1.9 and it works
its fixed now => ? resolve
mitigated => mitigate
downgrade to sev3 => ? severity sev3
bump to sev1 => ? severity sev1
is the database up? => diag all database
why is api crashing => diag all api
why is image-resizer failing? => diag all image-resizer
what happened to api => diag all api
what changed in the last hour => diag changes
what was deployed today => diag rollouts
who deployed api => diag rollouts api
when did it start => status
how bad is it => status
eta? => status
is it fixed => status
any news => status
update => status
how many pods are down => diag pods
restarts => diag pods
cpu of api => diag top pods api
memory usage of api => diag top pods api
disk => diag storage
show the last 100 lines of api => ? diag logs api --tail=100
api logs => diag logs api
tail api => diag logs api
events for api => diag events api
give me a postmortem => postmortem
write the post mortem for 7 => postmortem 7
timeline 7 => status 7
incident #7? => status 7
runbook for 7 => runbook 7
steps => runbook
step 3 done => ? runbook done 3
skip step 2 => ? runbook skip 2
next step => runbook
join 7 with 4 => ? merge 7 into 4
duplicate of 4 => ? merge into 4
same as 4 => ? merge into 4
same as #4 => ? merge into 4
list sev1 => incidents
closed incidents => incidents --status=resolved
last incident => incidents
wer kümmert sich? => status
was ist kaputt => incidents
logs von checkout => diag logs checkout
zeig mir die pods => diag pods
erledigt => ? resolve
ich übernehme => ? ack
qué pasa con api => diag all api
los logs de api => diag logs api
quais pods estão quebrados => diag pods
ça marche plus => incidents
montre les logs de api => diag logs api
thanks! => ? incidents
lgtm => ? incidents
👍 => ? incidents
👀 => ? ack
cancel => ? unack
undo => ? unack
undo that => ? unack
kubectl get pod api-0 -n shop -o jsonpath='{.status.phase}' => diag pods api-0 --namespace=shop
kubectl get nodes -o wide | grep NotReady => diag nodes --filter=NotReady
kubectl logs --since-time=2026-11-30T03:00:00Z api-0 => diag logs api-0 --since=2026-11-30T03:00:00Z
kubectl logs job/build-x -n builds => diag logs job/build-x --namespace=builds
kubectl get job build-x -o yaml => diag jobs build-x --output=yaml
kubectl top pod api-0 --containers => diag top pods api-0
kubectl get rolebindings => ? diag events
kubectl get cm => ? diag events
kubectl edit deploy api => ? diag describe deployment/api
kubectl drain n1 => ? diag describe node/n1
kubectl get ns => diag describe namespace
kubectl get vs => ? diag all
kubectl get ksvc -A => diag describe function --all-namespaces
kn revision list => diag function
k9s => ? diag pods
docker ps => ? diag pods
curl http://api/healthz => ? diag function api
systemctl status kubelet => ? diag nodes
journalctl -u kubelet => ? diag nodes
incident 12 ack => ack 12
number 12 please => status 12
no 12 => status 12
inc12 => status 12
INC_12 => status 12
(12) => status 12
ticket 12 => status 12
what about 12 => status 12
12!! => status 12
ack it => ack
please ack 12 => ack 12
can I ack 12 => ? ack 12
reack 12 => ? ack 12
handing over to bob => ? ack
give 12 to ana => ? ack 12
make 12 sev2 => ? severity 12 sev2
12 is a sev1 => ? severity 12 sev1
this is bad => incidents
everything is on fire => incidents
prod is down => diag all prod
checkout is down => diag all checkout
nothing works => incidents
is prod ok => diag all prod
health => incidents
health check api => diag all api
pod api-0 => diag pods api-0
node n1 => diag nodes n1
deployment api => diag describe deployment/api
service api => diag describe service/api
ns shop => diag describe namespace/shop
namespace shop => diag describe namespace/shop
stacktrace => diag logs
grep timeout in api => diag logs api --filter=timeout
search logs for timeout => diag logs --filter=timeout
look for timeout in the logs of api => diag logs api --filter=timeout
crashlogs api => diag logs api
previous logs api => diag logs api --previous
logs before the crash => diag logs --previous
why was api killed => diag all api
oom => incidents
evicted pods => diag pods
pending pods => diag pods
who deployed => diag rollouts
last deploy => diag rollouts
dashboard => incidents
open the runbook => runbook
what are the steps => runbook
how do I fix this => runbook
mark step 2 as done => ? runbook done 2
start postmortem => postmortem
close incident 12: disk cleaned => ? resolve #12 disk cleaned
reopen => reopen
it came back => ? reopen
merge this into 12 => merge into 12
unmerge 12 => split 12
split 12 => split 12
wie ist der stand => status
zeig die ereignisse => diag events
c'est réglé => ? resolve
je m'en charge => ? ack
muéstrame los eventos de api => diag events api
lo tengo => ? ack
já resolvi => ? resolve
状況は? => status
`;
