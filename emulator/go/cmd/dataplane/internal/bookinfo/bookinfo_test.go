package bookinfo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// bookstore runs the given Pods, `service-version`, and connects them directly.
func bookstore(t *testing.T, tag string, parts ...string) (*Containers, map[string]*corev1.Pod) {
	t.Helper()
	pods := map[string]*corev1.Pod{}
	containers := &Containers{}
	containers.Dial = func(ctx context.Context, _, _, host string, port uint16) (net.Conn, error) {
		for name, pod := range pods {
			if address, ok := containers.Server(pod, port); ok && strings.HasPrefix(name, host+"-") {
				return (&net.Dialer{}).DialContext(ctx, "tcp", address.String())
			}
		}
		return nil, errors.New("no such host")
	}
	for i, part := range parts {
		pods[part] = &corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Name: part + "-abc", UID: types.UID(fmt.Sprint(i))},
			Spec: corev1.PodSpec{Containers: []corev1.Container{{
				Image: "registry.istio.io/release/examples-bookinfo-" + part + ":" + tag,
			}}},
		}
	}
	list := []*corev1.Pod{{ObjectMeta: metav1.ObjectMeta{Name: "sleep", UID: "sleep"}}}
	for _, pod := range pods {
		list = append(list, pod)
	}
	containers.Reconcile(list)
	t.Cleanup(func() { containers.Reconcile(nil) })
	return containers, pods
}

func ask(t *testing.T, c *Containers, pod *corev1.Pod, method, path string, headers ...string) (*http.Response, string) {
	t.Helper()
	address, ok := c.Server(pod, port)
	if !ok {
		t.Fatalf("%s is not served", pod.Name)
	}
	request := httptest.NewRequest(method, "http://"+address.String()+path, nil)
	request.RequestURI = ""
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(body)
}

const title = "<title>Simple Bookstore App</title>"

func TestProductpage(t *testing.T) {
	for version, marks := range map[string][]string{
		"reviews-v1": {"Reviews served by: reviews-v1-abc"},
		"reviews-v2": {"Reviews served by: reviews-v2-abc", "text-black-500", "★★★★★", "★★★★☆"},
		"reviews-v3": {"Reviews served by: reviews-v3-abc", "text-red-500", "★★★★★", "★★★★☆"},
	} {
		t.Run(version, func(t *testing.T) {
			c, pods := bookstore(t, "1.20.3", "productpage-v1", "details-v1", "ratings-v1", version)
			response, page := ask(t, c, pods["productpage-v1"], "GET", "/productpage")
			if response.StatusCode != http.StatusOK {
				t.Fatal(response.Status)
			}
			for _, mark := range append(marks, title, "The Comedy of Errors", "PublisherA", "1234567890") {
				if !strings.Contains(page, mark) {
					t.Errorf("the page lacks %q:\n%s", mark, page)
				}
			}
			if strings.Contains(page, "★") != (version != "reviews-v1") {
				t.Error("the page has stars but should not, or the other way round")
			}
		})
	}
}

func TestProductpageWithoutTheOthers(t *testing.T) {
	c, pods := bookstore(t, "1.20.3", "productpage-v1")
	response, page := ask(t, c, pods["productpage-v1"], "GET", "/productpage")
	if response.StatusCode != http.StatusOK || !strings.Contains(page, "product details are currently unavailable") ||
		!strings.Contains(page, "product reviews are currently unavailable") {
		t.Errorf("%s\n%s", response.Status, page)
	}
	if response, _ := ask(t, c, pods["productpage-v1"], "GET", "/api/v1/products/0/reviews"); response.StatusCode != http.StatusInternalServerError {
		t.Errorf("reviews by API: %s", response.Status)
	}
}

func TestReviewsWithoutRatings(t *testing.T) {
	c, pods := bookstore(t, "1.20.3", "reviews-v2")
	_, answer := ask(t, c, pods["reviews-v2"], "GET", "/reviews/0")
	if !strings.Contains(answer, `"rating":{"error":"Ratings service is currently unavailable"}`) {
		t.Error(answer)
	}
}

func TestIndex(t *testing.T) {
	for tag, titled := range map[string]bool{"1.17.0": true, "1.19.1": true, "1.20.3": false, "2.0.0": false, "latest": false} {
		c, pods := bookstore(t, tag, "productpage-v1")
		response, index := ask(t, c, pods["productpage-v1"], "GET", "/")
		if response.StatusCode != http.StatusOK || strings.Contains(index, title) != titled ||
			!strings.Contains(index, "simple bookstore application") {
			t.Errorf("%s: %s\n%s", tag, response.Status, index)
		}
	}
}

func TestSession(t *testing.T) {
	c, pods := bookstore(t, "1.20.3", "productpage-v1")
	page := pods["productpage-v1"]
	response, _ := ask(t, c, page, "POST", "/login?username=jason", "Referer", "/productpage?u=test")
	cookies := response.Cookies()
	if response.StatusCode != http.StatusFound || response.Header.Get("Location") != "/productpage?u=test" || len(cookies) != 1 {
		t.Fatalf("login: %s, %v", response.Status, response.Header)
	}
	if _, signedIn := ask(t, c, page, "GET", "/productpage", "Cookie", cookies[0].String()); !strings.Contains(signedIn, "jason") {
		t.Error("the page does not show who signed in")
	}
	if response, _ := ask(t, c, page, "GET", "/logout"); response.StatusCode != http.StatusFound || response.Cookies()[0].MaxAge >= 0 {
		t.Errorf("logout: %s, %v", response.Status, response.Header)
	}
}

func TestOtherRequests(t *testing.T) {
	c, pods := bookstore(t, "1.20.3", "productpage-v1", "details-v1", "ratings-v1")
	for _, one := range []struct {
		pod, method, path string
		status            int
		body              string
	}{
		{"productpage-v1", "DELETE", "/productpage", http.StatusMethodNotAllowed, ""},
		{"productpage-v1", "GET", "/static/bookinfo.css", http.StatusOK, ".stars"},
		{"productpage-v1", "GET", "/nothing", http.StatusNotFound, ""},
		{"productpage-v1", "GET", "/api/v1/products", http.StatusOK, `"title":"The Comedy of Errors"`},
		{"productpage-v1", "GET", "/api/v1/products/0", http.StatusOK, `"ISBN-10":"1234567890"`},
		{"productpage-v1", "GET", "/api/v1/products/0/ratings", http.StatusOK, `"Reviewer1":5`},
		{"details-v1", "GET", "/details/x", http.StatusBadRequest, "numeric product id"},
		{"ratings-v1", "GET", "/ratings/x", http.StatusBadRequest, "numeric product ID"},
		{"ratings-v1", "GET", "/health", http.StatusOK, "healthy"},
	} {
		response, body := ask(t, c, pods[one.pod], one.method, one.path)
		if response.StatusCode != one.status || !strings.Contains(body, one.body) {
			t.Errorf("%s %s of %s: %s\n%s", one.method, one.path, one.pod, response.Status, body)
		}
	}
}
